/**
 * A chip's expressions as one graph in which equal parts are one node: what the compilers of `constraints.ts` and
 * `fractions.ts` start from.
 *
 * Numbers are folded, products with powers of two become rotations and negative factors differences, since
 * these cost vectors less. What depends on the program, its parameters, stays a uniform: a number that a
 * kernel is told, so that one kernel serves all programs. spec/11-kernels.md, "Constraints".
 */
import { type Expr, type Parameters, parameterValue } from '../air/expr.ts';
import { add, MODULUS, mul, neg, sub } from '../field/m31.ts';

export type Node =
  /** A cell: of a main or a fixed column, or of a main column in the next row. */
  | { readonly kind: 'main' | 'fixed' | 'next'; readonly column: number }
  | { readonly kind: 'lastRow' }
  /** A number that is the same in all rows. */
  | { readonly kind: 'uniform'; readonly uniform: number }
  | { readonly kind: 'add' | 'sub' | 'mul'; readonly left: number; readonly right: number }
  | { readonly kind: 'negate'; readonly left: number }
  /** Times 2^bits. */
  | { readonly kind: 'rotate'; readonly left: number; readonly bits: number }
  /** Times a uniform. */
  | { readonly kind: 'scale'; readonly left: number; readonly uniform: number };

type Uniform =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'add' | 'sub' | 'mul'; readonly left: number; readonly right: number };

/** Vector operations that a node takes itself. */
const costs: Readonly<Record<Node['kind'], number>> = {
  main: 1,
  fixed: 1,
  next: 2,
  lastRow: 1,
  uniform: 1,
  add: 3,
  sub: 3,
  mul: 13,
  negate: 1,
  rotate: 4,
  scale: 14,
};

export class Graph {
  readonly nodes: Node[] = [];
  readonly #uniforms: Uniform[] = [];
  readonly #known = new Map<string, number>();
  readonly #knownUniforms = new Map<string, number>();
  readonly #byExpr = new Map<Expr, number>();

  /** The node of an expression. */
  nodeOf(expr: Expr): number {
    let node = this.#byExpr.get(expr);
    if (node === undefined) {
      node = this.#build(expr);
      this.#byExpr.set(expr, node);
    }
    return node;
  }

  /** The value of a node that is a plain number, whatever the program; -1 of others. */
  constantAt(node: number): number {
    const found = this.nodes[node]!;
    return found.kind === 'uniform' ? this.#constantOf(found.uniform) : -1;
  }

  isUniform(node: number): boolean {
    return this.nodes[node]!.kind === 'uniform';
  }

  /** The uniform that a node is. */
  uniformAt(node: number): number {
    const found = this.nodes[node]!;
    if (found.kind !== 'uniform') throw new RangeError(`node ${node}: expected a uniform`);
    return found.uniform;
  }

  get uniformCount(): number {
    return this.#uniforms.length;
  }

  /** All uniforms for a program. @throws TypeError for an unknown parameter. */
  uniformValues(parameters: Parameters): Uint32Array {
    const values = new Uint32Array(this.#uniforms.length);
    for (const [index, uniform] of this.#uniforms.entries()) {
      values[index] = evaluateUniform(uniform, values, parameters);
    }
    return values;
  }

  operandsOf(node: number): readonly number[] {
    const found = this.nodes[node]!;
    switch (found.kind) {
      case 'add':
      case 'sub':
      case 'mul':
        return [found.left, found.right];
      case 'negate':
      case 'rotate':
      case 'scale':
        return [found.left];
      default:
        return [];
    }
  }

  /** Vector operations for nodes and all they need that is not in `done`, to which they are added. */
  cost(nodes: readonly number[], done: Set<number>): number {
    let sum = 0;
    const visit = (node: number): void => {
      if (done.has(node)) return;
      done.add(node);
      sum += costs[this.nodes[node]!.kind];
      this.operandsOf(node).forEach(visit);
    };
    nodes.forEach(visit);
    return sum;
  }

  #build(expr: Expr): number {
    switch (expr.kind) {
      case 'column':
        return this.#intern({ kind: expr.source, column: expr.index });
      case 'next':
        return this.#intern({ kind: 'next', column: expr.column.index });
      case 'lastRow':
        return this.#intern({ kind: 'lastRow' });
      case 'constant':
        return this.#constant(expr.value);
      case 'parameter':
        return this.#uniformNode(this.#internUniform({ kind: 'parameter', name: expr.name }));
      case 'add':
        return this.#sum(this.nodeOf(expr.left), this.nodeOf(expr.right));
      case 'sub':
        return this.#difference(this.nodeOf(expr.left), this.nodeOf(expr.right));
      case 'mul':
        return this.#product(this.nodeOf(expr.left), this.nodeOf(expr.right));
    }
  }

  #sum(left: number, right: number): number {
    const [l, r] = [this.nodes[left]!, this.nodes[right]!];
    if (l.kind === 'uniform' && r.kind === 'uniform') {
      return this.#combine('add', l.uniform, r.uniform);
    }
    if (this.constantAt(left) === 0) return right;
    if (this.constantAt(right) === 0) return left;
    if (r.kind === 'negate') return this.#difference(left, r.left);
    if (l.kind === 'negate') return this.#difference(right, l.left);
    const [a, b] = left <= right ? [left, right] : [right, left];
    return this.#intern({ kind: 'add', left: a, right: b });
  }

  #difference(left: number, right: number): number {
    const [l, r] = [this.nodes[left]!, this.nodes[right]!];
    if (l.kind === 'uniform' && r.kind === 'uniform') {
      return this.#combine('sub', l.uniform, r.uniform);
    }
    if (this.constantAt(right) === 0) return left;
    if (left === right) return this.#constant(0);
    if (r.kind === 'negate') return this.#sum(left, r.left);
    if (this.constantAt(left) === 0) return this.#negation(right);
    if (l.kind === 'negate') return this.#negation(this.#sum(l.left, right));
    return this.#intern({ kind: 'sub', left, right });
  }

  #negation(node: number): number {
    const found = this.nodes[node]!;
    if (found.kind === 'negate') return found.left;
    if (found.kind === 'sub') return this.#difference(found.right, found.left);
    return this.#intern({ kind: 'negate', left: node });
  }

  #product(left: number, right: number): number {
    const [l, r] = [this.nodes[left]!, this.nodes[right]!];
    if (l.kind === 'uniform' && r.kind === 'uniform') {
      return this.#combine('mul', l.uniform, r.uniform);
    }
    if (l.kind === 'uniform') return this.#scaled(right, l.uniform);
    if (r.kind === 'uniform') return this.#scaled(left, r.uniform);
    if (l.kind === 'negate') return this.#negation(this.#product(l.left, right));
    if (r.kind === 'negate') return this.#negation(this.#product(left, r.left));
    const [a, b] = left <= right ? [left, right] : [right, left];
    return this.#intern({ kind: 'mul', left: a, right: b });
  }

  #scaled(node: number, uniform: number): number {
    const value = this.#constantOf(uniform);
    if (value === 0) return this.#constant(0);
    if (value === 1) return node;
    if (value > MODULUS / 2) {
      const opposite = this.#internUniform({ kind: 'constant', value: neg(value) });
      return this.#negation(this.#scaled(node, opposite));
    }
    const inner = this.nodes[node]!;
    if (inner.kind === 'negate') return this.#negation(this.#scaled(inner.left, uniform));
    if (value > 0 && (value & (value - 1)) === 0) {
      return this.#intern({ kind: 'rotate', left: node, bits: 31 - Math.clz32(value) });
    }
    return this.#intern({ kind: 'scale', left: node, uniform });
  }

  #constant(value: number): number {
    return this.#uniformNode(this.#internUniform({ kind: 'constant', value }));
  }

  #uniformNode(uniform: number): number {
    return this.#intern({ kind: 'uniform', uniform });
  }

  #combine(kind: 'add' | 'sub' | 'mul', left: number, right: number): number {
    const [l, r] = [this.#constantOf(left), this.#constantOf(right)];
    if (l >= 0 && r >= 0) return this.#constant(operations[kind](l, r));
    return this.#uniformNode(this.#internUniform({ kind, left, right }));
  }

  #constantOf(uniform: number): number {
    const found = this.#uniforms[uniform]!;
    return found.kind === 'constant' ? found.value : -1;
  }

  #intern(node: Node): number {
    return internIn(this.#known, this.nodes, node);
  }

  #internUniform(uniform: Uniform): number {
    return internIn(this.#knownUniforms, this.#uniforms, uniform);
  }
}

const operations = { add, sub, mul } as const;

function evaluateUniform(uniform: Uniform, before: Uint32Array, parameters: Parameters): number {
  switch (uniform.kind) {
    case 'constant':
      return uniform.value;
    case 'parameter':
      return parameterValue(parameters, uniform.name);
    default:
      return operations[uniform.kind](before[uniform.left]!, before[uniform.right]!);
  }
}

function internIn<Item extends object>(
  known: Map<string, number>,
  list: Item[],
  item: Item,
): number {
  const key = Object.values(item).join(' ');
  let index = known.get(key);
  if (index === undefined) {
    index = list.push(item) - 1;
    known.set(key, index);
  }
  return index;
}
