"""The pages of the hub: templates, their style, and how they are rendered."""
