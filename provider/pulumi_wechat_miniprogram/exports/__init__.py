"""What stack exports tell: inventory, drift, adoption, reports. Nothing here writes in WeChat."""
