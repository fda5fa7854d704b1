/** All provers, Braid first: the others are measured against it. */

import { peer as braid } from './braid.js';
import { peer as genstark } from './genstark.js';
import { peer as miden } from './miden.js';
import { native as noirNative, wasm as noirWasm } from './noir.js';
import { native as o1jsNative, wasm as o1jsWasm } from './o1js.js';
import { peer as snarkjs } from './snarkjs.js';

/** @type {readonly import('./peer.js').Peer[]} */
export const peers = [braid, snarkjs, o1jsWasm, o1jsNative, noirWasm, noirNative, genstark, miden];
