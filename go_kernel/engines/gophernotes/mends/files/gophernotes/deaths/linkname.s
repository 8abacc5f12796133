// SPDX-License-Identifier: MIT

// Functions without a body, as those named by linkname, need a file like this.
