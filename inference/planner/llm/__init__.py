"""What every large-language-model planner shares: the linked text, the schema of an answer, the prompt, the reading.

A language model here only chooses among what the linker found in the text. Its answer is data: it is decoded, checked
against the closed grammar and against the text, and becomes a question wherever the two disagree.
"""
