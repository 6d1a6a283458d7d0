"""A decorator that wraps methods.

It stands further down than the file that uses it is long: what is read of the wrapper has to be read here.

What a wrapper closes over is known in its own module alone: neither the version it was made with nor the method it
calls is a name of the class that it ends up in.











"""


def at_least(version):
    def mark(method):
        def wrapper(self):
            if self.version < version:
                raise RuntimeError("too old")
            return method(self)

        return wrapper

    return mark
