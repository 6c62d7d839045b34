# ---
# jupyter:
#   kernelspec:
#     display_name: Somebody's environment
#     name: somebody
# ---

# %% [markdown]
# # A toy chapter
#
# It holds one of everything that the builder has to handle.

# %% tags=["setup"]
import matplotlib.pyplot as plt
import numpy as np

from healthgym_edu.exercises import ____, budget, check, exercise, expect_number

rng = np.random.default_rng(0)
values = rng.lognormal(size=budget(1000, quick=10))

# %% [markdown]
# A chapter of the course declares its exercises in the package; this one does so here.


# %%
@exercise("90.median", hint="Look for a method of NumPy.", solution="np.median(values)")
def median(value, *, values):
    expect_number(value, float(np.median(values)), 1e-9, "the median", "sort and take the middle")


# %%
print(f"{len(values):,} values")

# %% [markdown]
# ## Exercise

# %%
# BEGIN SOLUTION
#| # the value in the middle
#| middle = ____
middle = np.median(values)
# END SOLUTION
check("90.median", middle, values=values)


# %%
def shifted(x):
    """A function whose body the learner writes."""
    # BEGIN SOLUTION
    #| return ____
    return x - x.min()
    # END SOLUTION


# %%
fig, ax = plt.subplots(figsize=(2, 1))
ax.hist(values);

# %% [markdown]
# **What to see.** *Most* values are [small](https://example.org). A few are large.

# %% tags=["claims"]
assert len(values) >= 10

# %%
# a cell that stands twice

# %%
# a cell that stands twice

# %% [markdown] tags=["solution"]
# The answer to the open question, for those who teach.
