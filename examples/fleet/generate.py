"""Print a manifest of made-up Mini Programs: python generate.py 1000 --shards 16 > fleet.yaml."""

import argparse

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("apps", type=int, help="how many")
parser.add_argument("--shards", type=int, required=True, help="the number of stacks")
options = parser.parse_args()

print(f"shards: {options.shards}\napps:")
for number in range(options.apps):
    hosts = ", ".join(f"https://{kind}.app{number}.example.com" for kind in ("shop", "pay", "help"))
    print(f"  - {{ appid: wx{number:016x}, domains: [{hosts}] }}")
