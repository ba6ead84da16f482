"""The waves linked: who recurs, what contradicts the design, what cannot be told apart."""
