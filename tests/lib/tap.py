"""Test cases that report as TAP, each a line of its own, so that Meson and tools/test count them one by one."""

import contextlib
import pathlib
import sys
import tempfile
import traceback

_cases = []


class Skip(Exception):
    """Raised by `skip`: this case cannot run here, and why."""


def case(name):
    """Registers the decorated function, which takes nothing, as one case."""
    def register(function):
        _cases.append((name, function))
        return function
    return register


def table(rows):
    """Registers one case a row: the function gets the row's items, the first of which names the case."""
    def register(function):
        for row in rows:
            _cases.append((str(row[0]), lambda row=row: function(*row)))
        return function
    return register


def skip(reason):
    raise Skip(reason)


def skip_all(reason):
    """Ends the whole program as skipped."""
    print(f'1..0 # SKIP {reason}')
    sys.exit(0)


def true(condition, *details):
    if not condition:
        raise AssertionError('\n'.join(str(detail) for detail in details) or 'condition does not hold')


def equal(got, expected, *details):
    true(got == expected, f'expected {expected!r}', f'got      {got!r}', *details)


@contextlib.contextmanager
def scratch():
    """A temporary folder, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix='libsign-test-') as folder:
        yield pathlib.Path(folder)


def note(text):
    """A line for the log, for figures that a reader wants to see."""
    print('\n'.join(f'# {line}' for line in str(text).splitlines()), flush=True)


def _run(number, name, function):
    title = f'{number} - {name.replace("#", "no. ")}'
    try:
        function()
    except Skip as reason:
        print(f'ok {title} # SKIP {reason}', flush=True)
    except BaseException as problem:  # SystemExit of a helper is a failed case too
        if isinstance(problem, KeyboardInterrupt):
            raise
        note(traceback.format_exc())
        print(f'not ok {title}', flush=True)
        return False
    else:
        print(f'ok {title}', flush=True)
    return True


def main():
    """Runs all cases. A program without cases is an error: it would otherwise pass by testing nothing."""
    if not _cases:
        sys.exit('no cases')
    print(f'1..{len(_cases)}', flush=True)
    results = [_run(number, *item) for number, item in enumerate(_cases, 1)]
    sys.exit(0 if all(results) else 1)
