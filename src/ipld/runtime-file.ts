// How a browser runs a file of the runtime (format §5). The file is one JavaScript expression: a module is a function of
// the kernel, a file of several a dict of such functions by CID, the kernel's file such a dict with the kernel in it.

/**
 * In front of a file in the inline script that runs it: the script's element gets what the file is. The page's policy has
 * the SHA-256 of both together, so a browser proves the file once more.
 */
export const AS_SCRIPT = '"use strict";document.currentScript.sx='

/** In front of a file that no policy names, in the module that is imported from memory. */
export const AS_MODULE = 'export default '
