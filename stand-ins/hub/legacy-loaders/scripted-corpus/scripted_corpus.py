"""The rows are fetched from elsewhere when this is run."""
