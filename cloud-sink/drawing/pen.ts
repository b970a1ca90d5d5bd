/**
 * The little of a 2D canvas context that drawing needs. A `CanvasRenderingContext2D` is one; so is a
 * recorder in a test or a worker's offscreen context.
 */
export interface Pen {
  strokeStyle: unknown;
  fillStyle: unknown;
  lineWidth: number;
  lineJoin: string;
  lineCap: string;
  globalAlpha: number;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  arc(x: number, y: number, radius: number, startAngle: number, endAngle: number): void;
  stroke(): void;
  fill(): void;
}
