"""What every room speaks of: model, formula, columns, hierarchy, plan. Immutable."""
