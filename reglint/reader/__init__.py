"""The static witness: source text → events → step models. Nothing here imports or executes what it reads.

Contract with the engine (implemented in project.py):

    project = Project(sources)                  sources: Mapping[path, Callable[[], SourceFile]], paths as shown to the user
    project.roots() -> tuple[str, ...]          files worth starting from (scripts with a main part first)
    project.read(path) -> Reading               evaluate one file's top level, following calls into other files
    project.read_rest(path, covered) -> Reading evaluate what of that file nobody reached (functions, classes)

A Reading holds traces, step models, the functions it covered as (path, qualified name) and every path it looked into.
"""
