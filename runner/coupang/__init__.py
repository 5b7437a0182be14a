"""Talking to the marketplace: sign, pace, send, read the answer.

- `signing`: the Authorization header, a pure function
- `wire`: values as they travel, and back
- `request`: one operation and its arguments become the bytes to send
- `answers`: what an HTTP reply means: an Answer, or an exception of `runner.errors`
- `pace`: how fast, and in which order, all processes of the machine may call for one vendor
- `client`: the only module that imports httpx
- `reader`: windows, pages, memory; cannot write
- `writer`: the reader that can send
"""
