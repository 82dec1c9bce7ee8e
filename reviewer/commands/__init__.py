"""The commands of the review: init, mr, sign, trace, release, inspect."""
