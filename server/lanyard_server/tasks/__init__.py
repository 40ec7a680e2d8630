"""Code actions as tasks: target → slice → task → reply → evidence → proposal or findings."""
