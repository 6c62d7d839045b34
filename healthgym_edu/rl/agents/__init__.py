"""Agents: policies that were learned from records, one file each.

`base` what all share · `cloning` do what is mostly done · `tabular` policy iteration on clusters ·
`fitted_q` boosted trees · `dqn`, `bcq`, `cql` networks, with `networks`, in which they learn ·
`trees` boosted trees as arrays · `loading` an agent from a folder.
"""
