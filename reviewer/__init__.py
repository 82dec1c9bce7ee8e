"""Where people review what is proposed: merge requests in git, diffs, signatures, the gate and the release."""
