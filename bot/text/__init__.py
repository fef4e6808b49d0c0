"""What words, names and addresses are compared by.

In: strings, as people and feeds write them. Out: terms, folded words, taken-apart titles and addresses. Pure; the
lowest stage, which everybody may use.
"""
