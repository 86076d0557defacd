"""Scaling and projection of features; scikit-learn learns them and plain numbers hold them, so they save as text."""

from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import RobustScaler, StandardScaler

CLIP = 3.0  # interquartile ranges from the median: outliers beyond it do not attract a centre

Array = np.ndarray


@dataclass(frozen=True)
class Scale:
    """Median and spread of each feature: the interquartile range, or the standard deviation where that is 0."""

    median: Array
    spread: Array

    @classmethod
    def fit(cls, values: Array) -> "Scale":
        """Learned from complete rows, (n, n_features)."""
        scaler = RobustScaler().fit(values)
        low, high = np.percentile(values, [25, 75], axis=0)
        return cls(scaler.center_, np.where(high > low, scaler.scale_, StandardScaler().fit(values).scale_))

    def __call__(self, values: Array) -> Array:
        """Values in spreads from the median, clipped at CLIP: (n, n_features)."""
        return np.clip((values - self.median) / self.spread, -CLIP, CLIP)

    def inverse(self, points: Array) -> Array:
        """Values of scaled points, (n, n_features)."""
        return points * self.spread + self.median


@dataclass(frozen=True)
class Projection:
    """The two principal axes of scaled points, for the picture only, and the shares of variance that they explain."""

    mean: Array
    axes: Array
    explained: Array

    @classmethod
    def fit(cls, points: Array) -> "Projection":
        """Learned from scaled points. PCA fixes the signs: a new build never mirrors the picture."""
        pca = PCA(2, svd_solver="full").fit(points)
        return cls(pca.mean_, pca.components_, pca.explained_variance_ratio_)

    def __call__(self, points: Array) -> Array:
        """Position of each point in the picture, (n, 2)."""
        return (points - self.mean) @ self.axes.T
