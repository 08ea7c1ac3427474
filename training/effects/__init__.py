"""The effects (`python -m effects`): goals (what an edit should reach, and on which prompts), arms (many edits in one
batch), rates."""
