"""How good are the forecasts? Models, heuristics and rules on the customers' own past."""
