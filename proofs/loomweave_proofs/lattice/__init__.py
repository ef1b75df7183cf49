"""Your own merge: is it right, before it meets a network?"""
