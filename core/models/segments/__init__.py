"""Segments: kinds of businesses found by K-means, with names, profiles and a picture; method: docs/models.md.

features    which features there are, and their values per business
transforms  robust scaling and the two axes of the picture, learned by scikit-learn
kmeans      centres and nearest centre
k_choice    silhouette and stability of each number of segments
naming      codes of segments from their centres
clustering  one fitted division of the bank; model_files saves it as text
tables      what the pages show
model       the step of the build
"""
