"""What runs on a cluster for clvcli/engines/spark.py: steps of the workers, and what the driver asks of Spark.

Modules whose steps travel to workers import neither pyspark nor anything that prints.
"""
