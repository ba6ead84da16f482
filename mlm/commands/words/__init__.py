"""What `mlm check` says of missing cells, of policies and of the trial of the models."""
