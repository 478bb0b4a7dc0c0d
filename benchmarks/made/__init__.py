"""What the recall benchmark is made of: names, values, the syntaxes they stand in, and texts that hold no secret."""
