"""What `vectors/seal/`, `audit/` and `record/` are written from, by `make vectors`.

`show` is a side on air. Its keys are made of words, so that the same files come out again. `changes` is what
a line, or somebody on it, does to what it sent. `form` and `runs` are for single readers; `lies`, `gaps`,
`leaves` and `seals` are what a verdict is told (`verdicts`). `audits` is what was kept of a run, `records`
whole small records and files. A test writes all of them into an empty folder and compares, so what stands in
`vectors/` is what this says.
"""
