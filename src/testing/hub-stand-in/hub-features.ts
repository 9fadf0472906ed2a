/** Type of a column, as the `datasets` library writes it into JSON; one without `_type` is a record of named types. */
export type FeatureType =
  | { dtype: string; _type: 'Value' }
  | { names: string[]; _type: 'ClassLabel' }
  | { _type: 'Image' }
  | { feature: FeatureType; _type: 'List' }
  | { [field: string]: FeatureType };

/** The types of columns by name, in order. */
export type Features = Record<string, FeatureType>;

/** @returns the fields of a record; null for every other type */
export function fieldsOf(type: FeatureType): Features | null {
  return '_type' in type ? null : (type as Features);
}

/** Reads `dataset_info.features` of a dataset card. @throws Error naming what is not known */
export function readFeatures(list: unknown): Features {
  if (!Array.isArray(list)) throw new Error('features: not a list');
  return Object.fromEntries(
    list.map((item: Record<string, unknown>) => {
      const { name, ...type } = item;
      if (typeof name !== 'string') throw new Error(`features: no name in ${JSON.stringify(item)}`);
      return [name, readType(type, name)];
    }),
  );
}

function readType(type: Record<string, unknown>, name: string): FeatureType {
  if ('struct' in type) return readFeatures(type.struct);
  if ('list' in type) return { feature: readElement(type.list, name), _type: 'List' };
  return readElement(type.dtype, name);
}

function readElement(dtype: unknown, name: string): FeatureType {
  if (Array.isArray(dtype)) return readFeatures(dtype);
  if (dtype === 'image') return { _type: 'Image' };
  if (typeof dtype === 'string') return { dtype, _type: 'Value' };
  const names = (dtype as { class_label?: { names?: Record<string, unknown> } } | undefined)?.class_label?.names;
  if (!names) throw new Error(`features: ${name} has a type that the stand-in does not know: ${JSON.stringify(dtype)}`);
  return { names: Object.values(names).map(String), _type: 'ClassLabel' };
}
