/**
 * The two topics of a node, and who may use them.                                        [WIRE-1]
 *
 *   vitalshare/<node>/up      published by the node
 *   vitalshare/<node>/down    subscribed to by the node
 *
 * Compared as whole strings: wildcards and `$share/…` filters are other strings and are refused.
 */
export const upTopic = (node: string): string => `vitalshare/${node}/up`;
export const downTopic = (node: string): string => `vitalshare/${node}/down`;
