"""The mutation score: how many changes of the kernels do the theorems notice?"""
