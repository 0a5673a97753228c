"""From this source tree to AWS: packages, the state machine, the backend's entry points."""
