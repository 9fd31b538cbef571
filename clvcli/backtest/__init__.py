"""How good are the forecasts? Models, heuristics and rules on the customers' own past.

A measured note on covariates. BG/NBD fitted apart for each value of an attribute is what a static covariate could give
at the most. Gain in out-of-time log score per customer over one pooled fit, with its standard error:

    CDNOW in full, 3 x 133 days   first basket's amount (thirds) +.0004 (.0005), its units +.0007 (.0007)
    the same, 1 x 273 days        first basket's amount -.0004 (.0005), its units -.0002 (.0006)
    Online Retail, 3 x 91 days    country -.0005 (.0006), first basket's amount +.0027 (.0022), its lines +.0013 (.0008)
    the same, 1 x 162 days        country -.0004 (.0001), first basket's amount +.0031 (.0023), its lines +.0021 (.0017)

against a score of about 1.0 and 1.3 to 1.7. None is ahead by two standard errors, so the models take no covariates;
`clv backtest DATA --by COLUMN` measures it on any log, and `--by` fits by group where it pays. What does pay on Online
Retail is the month of the first purchase (+.0065 (.0031), +.0114 (.0015)): customers from before the log began look
new; `--acquired-from` is the remedy.
"""
