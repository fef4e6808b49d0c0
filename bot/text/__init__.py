"""How words, names and addresses are compared.

In: strings, as people and feeds write them. Out: terms, folded words, parsed titles and addresses. Pure; the lowest
stage, which every other stage may use.
"""
