"""Whether the arguments of each call between the modules of `benches/lib` are those of the function that it calls. A part that takes half an
hour would otherwise fail at its end. Run in `benches`; prints how many calls it looked at."""

import ast, importlib, inspect, pathlib, sys
bad, seen = [], 0
for path in sorted(pathlib.Path("lib").glob("[!_]*.py")):
    module = importlib.import_module(f"lib.{path.stem}")
    for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
        name = ast.unparse(call.func).split(".")
        found = vars(module).get(name[0])
        if len(name) == 2 and inspect.ismodule(found) and found.__name__.startswith("lib."):
            found = vars(found).get(name[1], name)
        elif len(name) > 1:
            continue
        stars = any(isinstance(each, ast.Starred) for each in call.args) or any(word.arg is None for word in call.keywords)
        if inspect.isfunction(found) or inspect.isclass(found) and found.__module__.startswith("lib."):
            seen += 1
            try:
                bound = inspect.signature(found)
                words = {word.arg: None for word in call.keywords if word.arg}
                args = [None for each in call.args if not isinstance(each, ast.Starred)]
                (bound.bind_partial if stars else bound.bind)(*args, **words)
            except ValueError:
                pass  # built in: it takes anything
            except TypeError as error:
                bad.append(f"{path}:{call.lineno}: {'.'.join(name)}: {error}")
        elif isinstance(found, list):
            bad.append(f"{path}:{call.lineno}: there is no {'.'.join(name)}")
print(seen)
sys.exit("\n".join(bad) or 0)
