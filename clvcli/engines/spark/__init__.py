"""The engine for many machines: Apache Spark, over Spark Connect or in spark-submit.

Customers stay on the cluster as a Spark frame; what comes to the driver are distinct histories, counts and sums.
Nothing of Spark is imported before the cluster is opened.
"""
