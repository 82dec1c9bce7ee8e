"""The bundle: an approved world sealed into one canonical JSON file that anyone verifies offline."""
