"""An app of a release to come, which changes a table that this release writes to."""
