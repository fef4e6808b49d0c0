"""What a language model may add to an answer: the prompt, its reply, and what of the reply is shown. Pure.

In: a question and the passages that answer it. Out: a prompt for the model; then, from whatever it replied, passages
in its order or sentences, each with a quote that stands in its passage word for word. A reply is never trusted: what
code cannot find in the reviews is dropped (`gate`).
"""
