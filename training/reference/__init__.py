"""The truth: models, dictionaries, edits and pairs computed plainly from their files."""
