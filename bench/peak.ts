/** Proves once and prints the greatest memory of the process, in bytes: run as a process of its own. */

import { prove } from '../src/proving.ts';
import { generator, requestOf } from './programs.ts';

const { size } = await prove(generator, requestOf(Number(process.argv[2])).request, {});
console.log(JSON.stringify({ bytes: process.resourceUsage().maxRSS * 1024, cells: size.cells }));
