import { Scalar, type ScalarTag } from 'yaml';

const INT =
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const TIMESTAMP =
  /^(?:\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)$/;

function sexagesimal(text: string): number {
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

function toInt(source: string): number | bigint {
  const text = source.replaceAll('_', '');
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '');
  if (digits.includes(':')) return sign * sexagesimal(digits);
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? sign * Number(value) + 0 : value * BigInt(sign);
}

function toFloat(source: string): number {
  const text = source.replaceAll('_', '').toLowerCase();
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '');
  if (digits === '.inf') return sign * Number.POSITIVE_INFINITY;
  if (digits === '.nan') return Number.NaN;
  return sign * (digits.includes(':') ? sexagesimal(digits) : Number(digits));
}

function writeNumber({ value }: Scalar): string {
  const number = value as number;
  if (Number.isSafeInteger(number) && !Object.is(number, -0)) return String(number);
  if (Number.isNaN(number)) return '.nan';
  if (!Number.isFinite(number)) return number > 0 ? '.inf' : '-.inf';
  if (Object.is(number, -0)) return '-0.0';
  // PyYAML takes `1e-7` for a string: its floats have a point.
  const [digits = '', exponent] = String(number).split('e');
  const point = digits.includes('.') ? digits : `${digits}.0`;
  return exponent === undefined ? point : `${point}e${exponent}`;
}

/**
 * PyYAML's implicit types, in its order of precedence: what it takes for a boolean, number, null or date is taken so here, and what
 * it takes for a string (`n`, `1e3`) is a string.
 */
export const PYYAML_TAGS: ScalarTag[] = [
  {
    tag: 'tag:yaml.org,2002:bool',
    default: true,
    identify: (value) => typeof value === 'boolean',
    test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
    resolve: (source) => /^(?:yes|true|on)$/i.test(source),
    stringify: ({ value }) => (value ? 'true' : 'false'),
  },
  {
    tag: 'tag:yaml.org,2002:float',
    default: true,
    identify: (value) => typeof value === 'number' && !Number.isSafeInteger(value),
    test: FLOAT,
    resolve: toFloat,
    stringify: writeNumber,
  },
  {
    tag: 'tag:yaml.org,2002:int',
    default: true,
    identify: (value) => typeof value === 'number',
    test: INT,
    resolve: toInt,
    stringify: writeNumber,
  },
  {
    tag: 'tag:yaml.org,2002:null',
    default: true,
    identify: (value) => value === null || value === undefined,
    createNode: () => new Scalar(null),
    test: /^(?:~|null|Null|NULL)?$/,
    resolve: () => new Scalar(null),
    stringify: () => 'null',
  },
  {
    tag: 'tag:yaml.org,2002:timestamp',
    default: true,
    identify: (value) => value instanceof Date,
    test: TIMESTAMP,
    resolve: (source) => new Date(source),
    stringify: ({ source }) => source ?? '',
  },
  {
    tag: 'tag:yaml.org,2002:value',
    default: true,
    identify: () => false,
    test: /^=$/,
    resolve: (_source, onError) => {
      onError('PyYAML cannot read a bare "=": quote it');
      return '=';
    },
  },
];
