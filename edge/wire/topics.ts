/** Names of nodes and the two topics each of them owns (WIRE.md, first table) [WIRE-1]. */

const NODE_NAME = /^[a-z0-9][a-z0-9\-_.]{0,31}$/;

/** 1 to 32 of `a-z 0-9 - _ .`, the first a letter or digit: nothing MQTT or a path would read. */
export const isNodeName = (text: string): boolean => NODE_NAME.test(text);

export const upTopic = (node: string): string => `vitalshare/${checked(node)}/up`;
export const downTopic = (node: string): string => `vitalshare/${checked(node)}/down`;

function checked(node: string): string {
  if (isNodeName(node)) return node;
  throw new RangeError('node name: expected 1 to 32 of a-z 0-9 - _ . and a letter or digit first');
}
