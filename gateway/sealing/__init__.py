"""Stage 6: a minimised list in, an encrypted and signed package out."""

import os

# Where somebody debugs, the library would work out from debug symbols where in itself it refused something: a page that
# nobody reads, for fifty megabytes of memory and a tenth of a second.
os.environ["RUST_LIB_BACKTRACE"] = "0"
