"""How many requests a hub server answers, on small hubs and large ones.

python -m benchmarks.hub_load --artifacts 1000 100000 --database sqlite postgresql
"""
