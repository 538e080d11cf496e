"""Calibration: which of the behaviours that WeChat leaves open does an endpoint show?

`probes` calls WeChat, `journal` restores after a kill; the rest is pure: `seen` reads recorded answers,
`points` judges them, `transcript` writes them down without a name.
"""
