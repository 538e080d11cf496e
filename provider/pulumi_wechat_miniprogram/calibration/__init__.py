"""Calibration: which of the behaviours that WeChat leaves open does an endpoint show?

`probes` says what is asked, `app` writes and restores, with `journal` for a kill. The rest is pure: `seen`
reads recorded answers, `rules` and `points` judge them, `transcript` writes them down without a name.
"""
