"""What a reviewer is shown of a change: panes in one fixed order, each computed from the files before and after."""
