"""An SMTP server for tests, in a thread of its own, that leaves nothing open when it stops in the middle of a mail."""

from aiosmtpd.controller import Controller

# Seconds.
_MOMENT = 0.1


class SmtpServer(Controller):
    """aiosmtpd's server. It hears nobody else and hangs up before its loop ends, which would leave sockets open."""

    def cancel_tasks(self, stop_loop: bool = True) -> None:
        """See base class."""
        if self.server is not None:
            self.server.close()
        super().cancel_tasks(stop_loop=False)
        if stop_loop:
            self.loop.call_later(_MOMENT, self.loop.stop)
