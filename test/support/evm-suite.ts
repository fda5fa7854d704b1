/**
 * Reads filled Ethereum state tests, and contract calls in the same form, as single calls of one contract.
 *
 * A transaction that calls code is a contract call with a price: before it the sender pays intrinsic gas, after it the gas that
 * was used. Where the code touches no state, the rules of the protocol say the whole state afterwards from the state before
 * and two facts of the run, its gas and whether it returned; that state is what such a case can be held to.
 */

import { createHash } from 'node:crypto';
import type { EvmEnvironment } from '../../src/frontends/evm/environment.ts';

export interface Account {
  readonly nonce: string;
  readonly balance: string;
  readonly code: string;
  readonly storage: Readonly<Record<string, string>>;
}

export type State = Readonly<Record<string, Account>>;

interface TransactionFields {
  readonly to: string;
  readonly sender: string;
  readonly gasPrice?: string;
  readonly maxFeePerGas?: string;
  readonly maxPriorityFeePerGas?: string;
  readonly authorizationList?: readonly unknown[];
  readonly blobVersionedHashes?: readonly string[];
}

/** One transaction, as a list of transactions has it. */
interface Transaction extends TransactionFields {
  readonly data: string;
  readonly gasLimit: string;
  readonly value: string;
}

/** Many transactions: `indexes` of the outcome choose. */
interface TransactionTemplate extends TransactionFields {
  readonly data: readonly string[];
  readonly gasLimit: readonly string[];
  readonly value: readonly string[];
  readonly accessLists?: readonly AccessList[];
}

type AccessList = readonly { readonly address: string; readonly storageKeys: readonly string[] }[];

interface Post {
  readonly indexes: { readonly data: number; readonly gas: number; readonly value: number };
  readonly state?: State;
  readonly expectException?: string;
}

export interface StateTest {
  readonly env: Readonly<Record<string, string>>;
  readonly pre: State;
  readonly transaction: TransactionTemplate | readonly Transaction[];
  readonly post?: Readonly<Record<string, readonly Post[]>>;
  readonly config?: { readonly chainid: string };
}

/** What the code of one contract is called with, and what the transaction around it says. */
export interface ContractCall {
  readonly code: Uint8Array;
  readonly data: Uint8Array;
  /** Of the call: intrinsic gas is taken off already. */
  readonly gas: bigint;
  readonly environment: Required<EvmEnvironment>;
  readonly intrinsicGas: bigint;
  /** The least that the transaction uses, EIP-7623; 0 before Prague. */
  readonly floorGas: bigint;
  readonly to: string;
  readonly sender: string;
  readonly coinbase: string;
  readonly pre: State;
  /** The state afterwards, where the file has it. */
  readonly post: State | undefined;
}

/** A call, or why the transaction is none that one contract alone answers. */
export type Case = { readonly call: ContractCall } | { readonly apart: string };

export type Fork = 'London' | 'Prague' | 'Osaka';

const BASE_GAS = 21_000n;
const ACCESS_ADDRESS_GAS = 2400n;
const ACCESS_KEY_GAS = 1900n;
/** The update fraction of Osaka, EIP-7892 and EIP-7918. */
const BLOB_FEE_FRACTION = 5_007_716n;

/** The transactions of a test under a fork, in the order of the file. */
export function casesOf(test: StateTest, fork: Fork): Case[] {
  const { transaction } = test;
  if (isList(transaction)) {
    return transaction.map((single) => caseOf(test, fork, single, [], undefined));
  }
  return (test.post?.[fork] ?? []).map((post) => {
    const { data, gas, value } = post.indexes;
    const single = {
      ...transaction,
      data: transaction.data[data]!,
      gasLimit: transaction.gasLimit[gas]!,
      value: transaction.value[value]!,
    };
    return caseOf(test, fork, single, transaction.accessLists?.[data] ?? [], post);
  });
}

function isList(
  transaction: TransactionTemplate | readonly Transaction[],
): transaction is readonly Transaction[] {
  return Array.isArray(transaction);
}

function caseOf(
  { env, pre, config }: StateTest,
  fork: Fork,
  transaction: Transaction,
  accessList: AccessList,
  post: Post | undefined,
): Case {
  const { to, sender } = transaction;
  if (post?.expectException !== undefined) return { apart: 'is no valid transaction' };
  if (to === '') return { apart: 'creates a contract' };
  if (transaction.authorizationList !== undefined) return { apart: 'sets code' };
  if (transaction.blobVersionedHashes !== undefined) return { apart: 'carries blobs' };
  const code = bytesOf(pre[to]?.code ?? '0x');
  if (code.length === 0) return { apart: 'calls no code' };
  if (code[0] === 0xef) return { apart: 'calls delegated code' };

  const data = bytesOf(transaction.data);
  const tokens = data.reduce((sum, byte) => sum + (byte === 0 ? 1 : 4), 0);
  const keys = accessList.reduce((sum, { storageKeys }) => sum + storageKeys.length, 0);
  const intrinsicGas =
    BASE_GAS +
    4n * BigInt(tokens) +
    ACCESS_ADDRESS_GAS * BigInt(accessList.length) +
    ACCESS_KEY_GAS * BigInt(keys);
  const baseFee = BigInt(env.currentBaseFee ?? 0);
  return {
    call: {
      code,
      data,
      gas: BigInt(transaction.gasLimit) - intrinsicGas,
      environment: {
        address: BigInt(to),
        origin: BigInt(sender),
        caller: BigInt(sender),
        callValue: BigInt(transaction.value),
        gasPrice: priceOf(transaction, baseFee),
        coinbase: BigInt(env.currentCoinbase!),
        timestamp: BigInt(env.currentTimestamp!),
        blockNumber: BigInt(env.currentNumber!),
        // Before the Merge the opcode read the difficulty.
        prevRandao: BigInt((fork === 'London' ? env.currentDifficulty : env.currentRandom) ?? 0),
        blockGasLimit: BigInt(env.currentGasLimit!),
        chainId: BigInt(config?.chainid ?? 1),
        baseFee,
        blobBaseFee: blobBaseFee(BigInt(env.currentExcessBlobGas ?? 0)),
      },
      intrinsicGas,
      floorGas: fork === 'London' ? 0n : BASE_GAS + 10n * BigInt(tokens),
      to,
      sender,
      coinbase: env.currentCoinbase!,
      pre,
      post: post?.state,
    },
  };
}

function priceOf(
  { gasPrice, maxFeePerGas, maxPriorityFeePerGas }: Transaction,
  baseFee: bigint,
): bigint {
  if (gasPrice !== undefined) return BigInt(gasPrice);
  const greatest = BigInt(maxFeePerGas!);
  const wanted = baseFee + BigInt(maxPriorityFeePerGas!);
  return wanted < greatest ? wanted : greatest;
}

/** `fake_exponential` of EIP-4844, from a fee of 1. */
function blobBaseFee(excess: bigint): bigint {
  let sum = 0n;
  let term = BLOB_FEE_FRACTION;
  for (let i = 1n; term > 0n; i++) {
    sum += term;
    term = (term * excess) / (BLOB_FEE_FRACTION * i);
  }
  return sum / BLOB_FEE_FRACTION;
}

/** Gas that the transaction uses if the call uses `gas` and nothing is refunded. */
export function transactionGas({ intrinsicGas, floorGas }: ContractCall, gas: bigint): bigint {
  const sum = intrinsicGas + gas;
  return sum > floorGas ? sum : floorGas;
}

/**
 * The state after a transaction whose code has touched none: the sender has paid, the value has moved if the code
 * returned, the coinbase has its tip, and accounts that were touched and are empty are gone (EIP-161).
 */
export function stateAfter(call: ContractCall, gas: bigint, hasReturned: boolean): State {
  const { environment, to, sender, coinbase } = call;
  const { callValue, gasPrice, baseFee } = environment;
  const used = transactionGas(call, gas);
  const value = hasReturned ? callValue : 0n;
  const state: Record<string, Account> = { ...call.pre };
  const change = (address: string, balance: bigint, nonce: bigint): void => {
    const before = state[address] ?? { nonce: '0x0', balance: '0x0', code: '0x', storage: {} };
    const after = {
      ...before,
      balance: hexOf(BigInt(before.balance) + balance),
      nonce: hexOf(BigInt(before.nonce) + nonce),
    };
    state[address] = after;
    const isEmpty = BigInt(after.balance) + BigInt(after.nonce) === 0n && after.code === '0x';
    if (isEmpty) delete state[address];
  };
  change(sender, -used * gasPrice - value, 1n);
  change(to, value, 0n);
  change(coinbase, used * (gasPrice - baseFee), 0n);
  return state;
}

/** The same text for the same state, however its numbers and accounts are written. */
export function canonicalState(state: State): string[] {
  return Object.entries(state)
    .map(([address, { nonce, balance, code, storage }]) => {
      const cells = Object.entries(storage)
        .map(([key, value]) => `${BigInt(key)}=${BigInt(value)}`)
        .sort();
      const fields = [BigInt(nonce), BigInt(balance), digest(code.toLowerCase()), ...cells];
      return `${address.toLowerCase()}: ${fields.join(' ')}`;
    })
    .sort();
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function hexOf(value: bigint): string {
  return `0x${value.toString(16)}`;
}

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replace(/^0x/, ''), 'hex'));
}
