// A table that becomes a list of cards on a phone: there each cell shows the name of its column.

import type { ComponentChildren } from "preact";

interface Row {
  key: string;
  cells: readonly ComponentChildren[];
  class?: string;
}

interface Props {
  /** What it is of, for screen readers. */
  name: string;
  columns: readonly string[];
  /** The first cell of each names the row. */
  rows: readonly Row[];
}

export function Table({ name, columns, rows }: Props) {
  return (
    <div class="table-place" tabIndex={0} role="region" aria-label={name}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key} class={row.class}>
              {row.cells.map((cell, place) =>
                place === 0 ? (
                  <th key={columns[place]} scope="row" data-column={columns[place]}>
                    <span>{cell}</span>
                  </th>
                ) : (
                  <td key={columns[place]} data-column={columns[place]}>
                    {cell === "" ? null : <span>{cell}</span>}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
