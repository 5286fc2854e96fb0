"""A program on a pseudo-terminal of its own, typed at by the test."""

import os
import pty
import select
import signal
import termios
import time

import tap


class Terminal:
    """kyso with a terminal of its own, as its controlling one."""

    def __init__(self, command, env=None):
        try:
            self.pid, self.fd = pty.fork()
        except OSError as problem:      # a chroot without /dev/pts has none to give
            tap.skip(f'no pseudo-terminal: {problem}')
        if self.pid == 0:
            os.environ.update({'LC_ALL': 'C.UTF-8', **{name: str(value) for name, value in (env or {}).items()}})
            command = [str(part) for part in command]
            for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):   # under nohup some are ignored, and that is inherited
                signal.signal(number, signal.SIG_DFL)
            os.execv(command[0], command)
        self.seen = b''

    def wait_for(self, text, seconds=20):
        end = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            tap.true(ready, f'waited for {text}, saw {self.seen}')
            self.read()

    def read(self):
        try:
            data = os.read(self.fd, 4096)
        except OSError:         # the other side is closed
            data = b''
        self.seen += data
        return data

    def echo(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def type(self, text):
        os.write(self.fd, text)

    def end(self):
        """Its exit code, or minus the signal's number."""
        while self.read():
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)
